import { describe, expect, test } from "vitest";
import { print } from "../../../src/ir/print.ts";
import { agree } from "../agree.ts";
import { readRightHandSide, type AnyFunction } from "../harness.ts";

/** Bodies of `(du, u, p, t)`, as a minifier or a person might leave them. */
const bodies: Readonly<Record<string, readonly string[]>> = {
  arithmetic: [
    "du[0]=u[0]+u[1]*p[0]-u[2]/p[3];du[1]=u[0]**2+u[2]**p[0];du[2]=-u[1]%p[1];du[3]=+u[3]-(-t)",
    "du[0]=u[0]**p[1];du[1]=2**u[1];du[2]=(u[2]+1)**-1;du[3]=u[3]**0.5+7%3",
    "var a=u[0];a+=1;a-=p[0];a*=2;a/=3;a%=5;a**=2;du[0]=a;du[1]=a;du[2]=1e3;du[3]=.5",
  ],
  integers: [
    "const i=7.9|0,j=(u[2]*10)|0;du[0]=i>>1;du[1]=i<<3;du[2]=(j&6)+(j^3)+~j;du[3]=(-5>>>28)+(j>>>0)",
    "let k=0;for(let i=0;i<10;i++)k=(k*31+i)|0;du[0]=k;du[1]=k%7;du[2]=(k/3)|0;du[3]=k>>>1",
    "let h=123456789;for(let i=0;i<20;i++){h=(h*1103515245+12345)|0}du[0]=h;du[1]=h%1000;du[2]=h&255;du[3]=Math.imul(h,h)",
    "let s=0;for(let i=0;i<100000;i++)s+=i;du[0]=s;du[1]=s*s;du[2]=-s;du[3]=s|0",
    "let f=1;for(let i=1;i<25;i++)f*=i;du[0]=f/1e23;du[1]=f%97;du[2]=0;du[3]=1",
    "du[0]=Math.floor(7/2);du[1]=(-7/2)|0;du[2]=-7%3;du[3]=Math.floor(-7/2)",
    "for(let i=0;i<4;i++){du[i]=u[(i+1)%4]-u[(i+3)%4]+Math.floor(i/2)+(i>>1)+((i-2)/2|0)+Math.floor((i-3)/2)}",
    "let n=-2147483648;n=n-1;du[0]=n;du[1]=-n;du[2]=Math.abs(-2147483648);du[3]=2147483647+1",
    "du[0]=(u[0]*1e10)|0;du[1]=(u[1]*1e12)>>>0;du[2]=(u[2]*1e10)>>3;du[3]=(NaN|0)+(Infinity|0)",
  ],
  booleans: [
    "du[0]=u[0]>0;du[1]=!(u[1]>0)+1;du[2]=!0+!1;du[3]=(u[0]>u[1])===(u[2]>u[3])?1:2",
    "du[0]=u[0]>0&&u[1];du[1]=u[1]>0&&u[0];du[2]=u[1]>0||u[2];du[3]=u[0]||5",
    "let a=1;u[0]>0&&(a=u[1]);u[1]>0||(a+=2);du[0]=a;du[1]=void 0===t?1:2;du[2]=null??3;du[3]=(void 0)??u[3]",
    "const ok=u[0]>0&&u[1]<0&&(u[2]>5||u[3]<1);du[0]=ok?1:-1;du[1]=ok&&!ok?3:4;du[2]=ok|0;du[3]=ok*u[1]",
    "let a=0;a||=u[0];a&&=u[1];let b;b??=3;du[0]=a;du[1]=b;du[2]=isFinite(u[0]/0)?1:0;du[3]=Number.isNaN(0/0*u[0])?1:0",
    "du[0]=u[0]==u[0]?1:0;du[1]=u[0]!=u[1]?1:0;du[2]=u[0]<=u[0]?1:0;du[3]=typeof u[0]==='number'?1:0",
  ],
  conditionals: [
    "if(u[0]>0)du[0]=1;else du[0]=2;if(u[1]>0){du[1]=1}else if(u[1]>-1){du[1]=2}else{du[1]=3}du[2]=u[2]>2?u[2]:-u[2];du[3]=u[3]>1?Math.sqrt(u[3]):u[3]<0?0:3",
    "let a;if(u[0]>0)a=u[0]*2;else a=u[1];let b=1;if(a>1){b=2;if(a>1.2)b=a*a}du[0]=a;du[1]=b;du[2]=a+b;du[3]=0",
    "let i=0;if(u[0]>0)i=2;du[0]=u[i];du[1]=p[i+1];du[2]=i;let z=1;if(u[1]>0)z=.5;du[3]=z",
    "let x;if(u[0]>100)x=1;du[0]=x;du[1]=0;du[2]=0;du[3]=0",
  ],
  loops: [
    "for(let i=0;i<4;i++)du[i]=u[i]*p[i]",
    "for(let i=3;i>=0;i--)du[i]=u[3-i];",
    "for(let i=0;i<=3;++i)du[i]=i*.5",
    "for(let i=0,n=4;n>i;i+=1)du[i]=u[i]",
    "var e,r;for(e=0,r=4;e<r;e++){du[e]=e+r}du[0]+=e",
    "for(let i=0;i<4;i+=2){du[i]=1;du[i+1]=u[i]}",
    "let j=10;for(let i=0;i<4;i++,j-=2)du[i]=i*j;du[0]+=j",
    "let i=4;for(;i--;)du[i]=u[i]*i",
    "let i=4;while(i-->0)du[i]=u[i]+i",
    "let i=0;while(i<4){du[i]=u[i];i++}",
    "let i=0;do{du[i]=u[i]}while(++i<4)",
    "let x=u[0],n=0;while(Math.abs(x)>1e-3&&n<50){x*=.5;n++}du[0]=x;du[1]=n;du[2]=0;du[3]=0",
    "let x=1;for(let k=0;k<30;k++){const d=(x*x-p[3])/(2*x);x-=d;if(Math.abs(d)<1e-14)break}du[0]=x;du[1]=du[2]=du[3]=0",
    "let s=0;for(let i=0;i<4;i++){for(let j=0;j<4;j++){if(j===i)continue;if(j>2)break;s+=u[i]*p[j]}}du[0]=s;du[1]=du[2]=du[3]=s*2",
    "let s=0;outer:for(let i=0;i<4;i++){for(let j=0;j<4;j++){if(j>i)continue outer;if(i*j>5)break outer;s+=u[i]-p[j]}s+=100}du.fill(s)",
    "let c=0;for(let x=0;x<1;x+=.1)c++;du.fill(c)",
    "for(const x of u)du[0]=x;let s=0;for(const x of p)s+=x*x;du[1]=s;du[2]=0;du[3]=0;for(let x of[1,2,3])du[2]+=x",
    "let m=-1/0;for(let i=0;i<4;i++)if(u[i]>m)m=u[i];du.fill(m)",
    "let a=0,b=1;for(let i=0;i<10;i++){[a,b]=[b,a+b]}du[0]=a;du[1]=b;du[2]=0;du[3]=0",
    "let a=u[0],b=u[1],c;for(let i=0;i<5;i++){c=a;a=Math.sin(b);b=c*.5}du[0]=a;du[1]=b;du[2]=c;du[3]=0",
    "for(var i=0,s=0;i<4;i++)s+=u[i];du[0]=s;du[1]=i;du[2]=0;du[3]=0",
    "for(let i=0;i<4;i++){let k=i;k+=2;if(k>3)k-=4;du[i]=u[(k+4)%4]}",
    "for(let i=0;i<4;i++){if(i===2){i++}du[i]=1}du[2]=5",
    "let n=0;for(;;){n++;if(n>7)break}du.fill(n)",
    "blk:{if(u[0]>0)break blk;du.fill(1)}du.fill(2)",
    "for(let i=0;i<Math.min(4,10);i++)du[i]=i;let q=0;for(let i=0;i<p[3];i++)q+=i;du[0]=q",
  ],
  switches: [
    "for(let i=0;i<4;i++){switch(i){case 0:du[i]=5;break;case 1:case 2:du[i]=6;break;default:du[i]=7}}",
    "let k=u[0]>0?1:2,s=0;switch(k){case 1:s+=1;case 2:s+=10;break;default:s+=100;case 9:s+=1000}du.fill(s)",
    "let s=0;for(let i=0;i<6;i++){switch(i%3){case 0:continue;case 1:s+=u[1];break;default:s+=u[2]}s+=1}du.fill(s)",
    "switch(0){default:du.fill(1);break;case 0:du.fill(2)}",
  ],
  returns: [
    "function f(x){if(x>0)return x*2;return x*3}du[0]=f(u[0]);du[1]=f(u[1]);du[2]=f(-1);du[3]=0",
    "function f(x){if(x>1)return 1;if(x>0){if(x>.5)return 2;x+=1}else return 3;return x}for(let i=0;i<4;i++)du[i]=f(u[i])",
    "const f=x=>{for(let i=0;i<10;i++){if(i*.3>x)return i}return-1};for(let i=0;i<4;i++)du[i]=f(u[i])",
    "const f=x=>{for(let i=0;i<3;i++)for(let j=0;j<3;j++){if(i*j>x)return[i,j]}return[9,9]};const[a,b]=f(1.5);du[0]=a;du[1]=b;du[2]=f(100)[0];du[3]=0",
    "du.fill(0);if(u[0]>100)return;du[0]=1;if(u[1]<0){du[1]=2;return}du[2]=3",
    "du.fill(0);for(let i=0;i<4;i++){if(u[i]<0)return;du[i]=u[i]}",
  ],
  arrays: [
    "const a=[u[0],u[1],3];a[1]+=a[0];a[2]*=2;du[0]=a[0];du[1]=a[1];du[2]=a[2];du[3]=a.length",
    "const a=new Array(4).fill(0);for(let i=0;i<4;i++)a[i]=u[i]*2;for(let i=0;i<4;i++)du[i]=a[3-i]",
    "const a=Array.from({length:4},(_,i)=>i*u[i]);du.set(a)",
    "const a=new Float64Array(4);for(let i=0;i<4;i++)for(let j=0;j<=i;j++)a[i]+=u[j];for(let i=0;i<4;i++)du[i]=a[i]",
    "const m=[[1,2],[3,u[0]]];du[0]=m[0][0]*m[1][1]-m[0][1]*m[1][0];let s=0;for(let i=0;i<2;i++)for(let j=0;j<2;j++)s+=m[i][j];du[1]=s;du[2]=m.length;du[3]=m[1].length",
    "const m=Array.from({length:3},()=>new Array(4).fill(1));for(let i=0;i<3;i++)for(let j=0;j<4;j++)m[i][j]+=i*u[j];const r=m[2];for(let j=0;j<4;j++)du[j]=r[j]+m[1][j]",
    "const a=u.map((x,i)=>x*x+i);const s=a.reduce((x,y)=>x+y,0);let m=0;u.forEach((x,i)=>{m+=x*i});du[0]=s;du[1]=m;du[2]=u.every(x=>x>-5)?1:0;du[3]=u.some(x=>x>5)?1:0",
    "const a=u.slice(1,3),b=u.subarray(2);du[0]=a[0]+a[1];du[1]=b[0]*b.length;du[2]=a.length;du[3]=Math.max(...u)",
    "const k=new Int32Array([3,2,1,0]);for(let i=0;i<4;i++)du[i]=u[k[i]];k[0]=2.7;du[0]=k[0]",
    "const a=[3,1,2,0];for(let i=0;i<4;i++)du[i]=u[a[i]]*Math.min(...a.slice(0,2))",
    "let a=[1,2],b=[u[0],u[1]];for(let i=0;i<3;i++){const c=[a[0]+b[0],a[1]*.5];a=b;b=c}du[0]=a[0];du[1]=a[1];du[2]=b[0];du[3]=b[1]",
    "let a=u[0]>0?[1,2]:[3,4];if(u[1]>0)a=[5,6];du[0]=a[0];du[1]=a[1];du[2]=0;du[3]=0",
    "const f=new Float32Array(2);f[0]=u[0];f[1]=.1;du[0]=f[0];du[1]=f[1];const b=new Uint8Array(1);b[0]=300;du[2]=b[0];const q=new Int16Array([40000]);du[3]=q[0]",
    "const [a,,b=7,...r]=[u[0],1,void 0,4,5];du[0]=a;du[1]=b;du[2]=r[0]+r[1];du[3]=r.length",
    "const a=[u[0],u[1]];let i=u[0]>0?1:0;a[i]=9;du[0]=a[0];du[1]=a[1];du[2]=a[i];du[3]=a[1-i]",
  ],
  objects: [
    "const o={a:u[0],b:2,f(x){return x+1}};o.a+=1;o.c=o.a*o.b;const{a,b:z,d=4}=o;du[0]=a;du[1]=z+d;du[2]=o.f(o.c);du[3]=o['b']",
    "const step=({x,v},h)=>({x:x+h*v,v:v-h*x});let s={x:u[0],v:u[1]};for(let i=0;i<10;i++)s=step(s,.1);du[0]=s.x;du[1]=s.v;du[2]=0;du[3]=0",
    "const o={s:0,n:0};for(let i=0;i<4;i++){o.s+=u[i];if(u[i]>0)o.n++}du[0]=o.s;du[1]=o.n;du[2]=0;du[3]=0",
    "const bodies=[{m:1,x:u[0]},{m:2,x:u[1]},{m:3,x:u[2]}];let f=0;for(let i=0;i<bodies.length;i++)for(let j=0;j<bodies.length;j++){if(i===j)continue;f+=bodies[i].m*bodies[j].m/(1+(bodies[i].x-bodies[j].x)**2)}du.fill(f)",
    "const o=Object.entries({a:u[0],b:u[1]});let s=0;for(const[k,v]of o)s+=k==='a'?v:2*v;du.fill(s)",
    "let o=u[0]>0?{x:1,y:u[1]}:{x:u[2],y:2};du[0]=o.x;du[1]=o.y;const q={...o,x:5};du[2]=q.x+q.y;du[3]=o?.x",
    "const fs=[x=>x+1,x=>x*u[0],Math.sin];let x=.5;for(const f of fs)x=f(x);du.fill(x)",
  ],
  functions: [
    "const g=(x,y=2)=>x*y;function h(...a){return a.length+a[0]}du[0]=g(u[0]);du[1]=g(u[0],3);du[2]=h(1,2,3);du[3]=((x)=>x+1)(u[3])",
    "let count=0;const inc=()=>{count++;return count};inc();inc();du[0]=count;for(let i=0;i<5;i++)inc();du[1]=count;du[2]=inc()+inc();du[3]=0",
    "const compose=(f,g)=>x=>f(g(x));const s=compose(Math.sin,x=>x*2);du[0]=s(u[0]);du[1]=s(u[1]);du[2]=0;du[3]=0",
    "const f=i=>i<2?u[i]:p[i];for(let i=0;i<4;i++)du[i]=f(i);function un(){return}un()",
    "let total=0;const add=x=>{total+=x};for(let i=0;i<4;i++)add(u[i]);du.fill(total)",
  ],
  shadowing: [
    "let x=1;{let x=2;x+=u[0];du[0]=x}du[1]=x;for(let x=0;x<2;x++){du[2+x]=x}du[1]+=x",
    "const f=u=>u*2;du[0]=f(p[0]);{const u=[5,6];du[1]=u[0]}du[2]=u[2];for(const t of[8]){du[3]=t}",
    "var x=1;if(u[0]>0){var x=2}du[0]=x;for(var x=5;x<6;x++);du[1]=x;var y;du[3]=0;du[2]=3",
    "let e=u[0];for(let i=0;i<3;i++){let e=i;e+=1;du[i]=e}e+=1;du[3]=e",
  ],
  expressions: [
    "let a,b,c;a=b=c=u[0];du[0]=(a++,b+=2,a+b);du[1]=a++ + ++b;du[2]=c-- - --c;du[3]=(a,b,c)",
    "let i=0;du[i++]=1;du[i++]=2;du[i++]=3;du[i]=i",
    "let x=0;const y=(x=u[0])*2+(x+=1);du[0]=x;du[1]=y;let z=du[2]=7;du[3]=z",
    'du[0]=Math["tanh"](u[0]);const{sin:s,PI}=Math;du[1]=s(PI*u[1]);du[2]=Math.max()+Math.hypot(3,4,u[2])===-1/0?1:0;du[3]=Number.EPSILON+(1/0>5)',
    "const[x,y]=u;[du[0],du[1]]=[y,x];du[2]=x>0?(y>0,3):4;du[3]=[1,2,3].at(-1)",
  ],
};

const inPlace = (body: string): AnyFunction => new Function("du", "u", "p", "t", body) as AnyFunction;

for (const [group, texts] of Object.entries(bodies)) {
  describe(group, () => {
    test.each(texts)("%s", (body) => {
      agree(inPlace(body));
      agree(inPlace(body), { u: [-0.7, 1.3, 0.2, -4], p: [0.5, 2, 1, 2.5] });
    });
  });
}

describe("Math", () => {
  const unary =
    "abs,acos,acosh,asin,asinh,atan,atanh,cbrt,ceil,clz32,cos,cosh,exp,expm1,floor,fround,log,log10,log1p,log2,round,sign,sin,sinh,sqrt,tan,tanh,trunc".split(
      ",",
    );
  test.each(unary)("%s", (name) => {
    agree(inPlace(`for(let i=0;i<4;i++)du[i]=Math.${name}(u[i])+Math.${name}(i)`), { u: [0.3, 0.9, 1.7, -0.4] });
  });
  test("of several arguments", () => {
    agree(
      inPlace(
        "du[0]=Math.atan2(u[0],u[1]);du[1]=Math.hypot(u[0],u[1]);du[2]=Math.min(u[0],u[1],1)+Math.max(2,u[2],3);du[3]=Math.pow(u[3],3)",
      ),
    );
  });
  test("constants", () => {
    agree(inPlace("du[0]=Math.E+Math.PI;du[1]=Math.LN2+Math.LN10;du[2]=Math.LOG2E+Math.LOG10E;du[3]=Math.SQRT2+Math.SQRT1_2"));
  });
});

test("an early return costs no flag", () => {
  const text = print(
    readRightHandSide(inPlace("function f(x){if(x>0)return Math.sqrt(x);return x*3}for(let i=0;i<4;i++)du[i]=f(u[i])")),
  );
  expect(text.match(/\bb\d+ =/g)).toHaveLength(1);
  expect(text).not.toContain("while");
});

test("counted loops are counted loops", () => {
  for (const header of [
    "let i=0;i<4;i++",
    "var i=0;4>i;i+=1",
    "let i=3;i>=0;--i",
    "let i=0,n=4;i<n;i=i+1",
    "let i=-0.5+.5;i<=3.5;i++",
    "let i=0;i+1<5;i++",
    "let i=0,n=4;i-1<=n-2;i++",
    "let i=0,n=4,k=2;n+k>k+i;i++",
    "let i=3;1+i>=1;i--",
    "let i=0;i+1<4.5;i++",
  ]) {
    expect(print(readRightHandSide(inPlace(`for(${header}){du[i]=u[i]}`))), header).not.toContain("while");
  }
});

test("loops that count and end early compute what they do plainly", () => {
  agree(inPlace("let s=0;for(let i=0;i+1<u.length;i++)s+=u[i]*u[i+1];for(let i=3;i-2>=0;i-=1)s-=u[i-2];du.fill(s)"));
  agree(inPlace("let s=0,i=0;for(;i+1.5<4;i++)s+=u[i];du[0]=s;du[1]=i;du[2]=du[3]=0"));
  agree(inPlace("let s=0;for(let i=0,k=1;i+k<6;i++,k++)s+=u[i];for(let i=0;i+u[0]<3;i++)s+=u[i];du.fill(s)"));
  agree(inPlace("let s=0,n=2147483647;for(let i=-3;i-n<-n+1;i++)s+=i;for(let i=5;i+-n>3-n;i--)s+=i;du.fill(s)"));
});

test.each([
  "let c=0;const inc=()=>{c++;return 3};for(let i=0;i<inc();i++)du[i]=1;du[3]=c",
  "let c=0;for(let i=0;i+(c+=1)<7;i++)du[i]=1;du[3]=c",
  "let c=4;const f=()=>{c=2};for(let i=0;i<c;i++){f();du[i]=1}du[3]=c",
  "let c=[4];const f=()=>{c[0]=2},g=()=>f();for(let i=0;i<c[0];i++){g();du[i]=1}du[3]=c[0]",
  "let c=4;const o={f(){c=2},n:()=>c};for(let i=0;i<o.n();i++){if(i)o.f();du[i]=1}du[3]=c",
])("a bound that changes is no bound of a counted loop: %s", (body) => {
  agree(inPlace(`du.fill(0);${body}`));
});

test("array literals that are not written are constants", () => {
  const text = print(
    agree(
      inPlace(
        "const w=[1,-2,1],m=[[1,2],[3,4]];for(let i=0;i<4;i++){du[i]=m[i>>1][i&1];for(let k=0;k<3;k++)du[i]+=w[k]*u[(i+k+3)%4]}",
      ),
    ),
  );
  expect(text.match(/constant f64/g)).toHaveLength(2);
  expect(text).not.toContain("local");
});

test("objects indexed by the counter of a loop that is left early", () => {
  agree(inPlace("const o=[{x:1},{x:u[0]},{x:2}];let s=0;for(let i=0;i<o.length;i++){if(o[i].x<0)break;s+=o[i].x}du.fill(s)"));
  agree(
    inPlace(
      "const f=x=>{const o=[{x:1},{x:u[0]},{x:2}];for(let i=0;i<o.length;i++){if(o[i].x>x)return o[i].x}return 7};du[0]=f(.8);du[1]=f(1.5);du[2]=f(5);du[3]=f(0)",
    ),
  );
});
