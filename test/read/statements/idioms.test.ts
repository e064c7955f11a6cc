/** Idioms of numerical code: buffers, swaps, small linear algebra, helpers that write. */
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { test } from "vitest";
import { agree } from "../agree.ts";
import type { AnyFunction } from "../harness.ts";

type Constants = Readonly<Record<string, unknown>>;

/** Bodies of `(du, u, p, t, c)`, with their constants. */
const bodies: readonly (readonly [body: string, constants?: Constants])[] = [
  ["const half=(d,x,k)=>{for(let i=0;i<2;i++)d[i]=x[i]*k};half(du.subarray(0,2),u,2);half(du.subarray(2),u.subarray(2),3)"],
  ["const{net}=c;const y=net.forward(u);du.set(y)", { net: { w: 2, forward: (x: Float64Array) => x.map((v) => v * 2) } }],
  ["for(let i=0;i<4;i++){du[i]=0;for(const j of c.nb[i])du[i]+=u[j]-u[i]}", { nb: [[1, 2], [0], [0, 1, 3], []] }],
  ["let i=0;do{i++;if(i==2)continue;du[i-1]=u[i-1]}while(i<4);du[1]=9"],
  ["l:for(let i=0;i<4;i++){switch(i){case 1:continue l;case 3:break l;default:{let q=i;du[i]=q+u[i]}}}du[1]=du[3]=0"],
  [
    "const w=c.w;for(let i=0;i<2;i++)for(let j=0;j<2;j++)w.set(i,j,u[i]*p[j]);du[0]=w.get(0,0);du[1]=w.get(1,1);du[2]=w.get(0,1);du[3]=w.get(1,0)",
    { w: ndarray(new Float64Array(4), [2, 2]) },
  ],
  [
    "const{k1,k2}=c;const f=(o,x)=>{for(let i=0;i<4;i++)o[i]=-x[i]};f(k1,u);for(let i=0;i<4;i++)k2[i]=u[i]+.5*k1[i];f(du,k2)",
    { k1: new Float64Array(4), k2: new Float64Array(4) },
  ],
  ["const n=c.n;let a=0;for(let i=0;i<n;i++){const r=i%2?u:p;a+=r[i]}du.fill(a)", { n: 4 }],
  [
    "let y=[u[0],u[1]];const add=(a,b,s)=>a.map((v,i)=>v+s*b[i]);const f=([x,v])=>[v,-x];for(let k=0;k<5;k++){const k1=f(y),k2=f(add(y,k1,.05));y=add(y,k2,.1)}du[0]=y[0];du[1]=y[1];du[2]=du[3]=0",
  ],
  ["du.fill(0);u.forEach((x,i)=>{if(x<0)return;du[i]=x;du[(i+1)%4]+=x*.5})"],
  ["const s=u.reduce((a,x,i)=>{if(i%2)return a;return a+x},0);du.fill(s)"],
  ["let best={v:-1/0,i:-1};for(let i=0;i<4;i++)if(u[i]>best.v)best={v:u[i],i};du[0]=best.v;du[1]=best.i;du[2]=u[best.i];du[3]=0"],
  ["let a=u,b=p;for(let i=0;i<3;i++){const q=a;a=b;b=q}du[0]=a[0];du[1]=b[0];du[2]=du[3]=1"],
  ["let f=x=>x+1;if(u[0]>0)f=x=>x*2;du.fill(1)"],
  ["let q;for(let i=0;i<4;i++){q=i<2?[u[i],1]:[2,u[i]];du[i]=q[0]*q[1]}du[0]+=q[1]"],
  ["let{length:n}=u,i=n;for(;i>0;)du[--i]=u[i]*2"],
  [
    "const m=Array.from({length:4},(_,i)=>Array.from({length:4},(_,j)=>i===j?2:Math.abs(i-j)===1?-1:0));for(let i=0;i<4;i++){du[i]=0;for(let j=0;j<4;j++)du[i]+=m[i][j]*u[j]}",
  ],
  [
    "const A=[[4,1,0,0],[1,4,1,0],[0,1,4,1],[0,0,1,4]].map(r=>r.slice()),x=u.slice();for(let k=0;k<4;k++)for(let i=k+1;i<4;i++){const f=A[i][k]/A[k][k];for(let j=k;j<4;j++)A[i][j]-=f*A[k][j];x[i]-=f*x[k]}for(let i=3;i>=0;i--){let s=x[i];for(let j=i+1;j<4;j++)s-=A[i][j]*du[j];du[i]=s/A[i][i]}",
  ],
  ["const A=[[u[0]+3,1],[1,u[1]]];[A[0],A[1]]=[A[1],A[0]];du[0]=A[0][0];du[1]=A[1][0];du[2]=A[0][1];du[3]=0"],
  ["let x=1,n=0;while(true){x*=2;if(x>100)break;n++}du.fill(n)"],
  ["for(let i=0,j=3;i<j;i++,j--){du[i]=u[j];du[j]=u[i]}"],
  ["let n=4;for(let i=0;i<n;i++){du[i]=i;if(i==3&&n<5)n=4}"],
  ["let c0=0;const next=()=>c0++;du[next()]=u[0];du[next()]=u[1];du[next()]=c0;du[3]=next()"],
  ["du[0]=Math.max(...[1,2,u[0]],...p);du[1]=Math.min(...u.map(x=>x*x));du[2]=[...u].length;du[3]=[...p,1,2][5]"],
  ["const E={a:1};du[0]=E?.a;du[1]=du[2]=0;du[3]='a'===Object.keys(E)[0]?1:0"],
  [
    "const w=c.w;for(let i=3;i>=0;i--){let s=u[i];for(let j=i+1;j<4;j++)s-=w[j]*.5;w[i]=s}for(let i=0;i<4;i++)du[i]=w[i]",
    { w: new Float64Array(4) },
  ],
  ["let o={x:1,y:u[0]},q={x:2,y:3};for(let i=0;i<3;i++){[o,q]=[q,{x:o.y,y:o.x+1}]}du[0]=o.x;du[1]=o.y;du[2]=q.x;du[3]=q.y"],
  ["let o={x:1,y:u[0]},q={x:2,y:3},r;for(let i=0;i<3;i++){r=o;o=q;q=r}du[0]=o.x;du[1]=o.y;du[2]=q.x;du[3]=q.y"],
];

for (const [body, constants = {}] of bodies) {
  test(body, () => {
    const fn = new Function("du", "u", "p", "t", "c", body) as AnyFunction;
    agree(fn, { constants });
    agree(fn, { constants, u: [-1, 2, 0.5, -3] });
  });
}
