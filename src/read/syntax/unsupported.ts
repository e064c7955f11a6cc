/** Names the constructs that no program holds, and what to write instead. */
export const remedies: Readonly<Record<string, readonly [construct: string, remedy: string]>> = {
  ThisExpression: ["`this`", "Pass what it holds in `constants`."],
  Super: ["`super`", "Use plain functions."],
  TaggedTemplateExpression: ["A tagged template", "Programs compute with numbers."],
  AwaitExpression: ["`await`", "Await data before solving and pass it in `constants`."],
  YieldExpression: ["`yield`", "Fill an array instead."],
  ImportExpression: ["`import()`", "Import before solving and pass what is needed in `constants`."],
  MetaProperty: ["`import.meta` or `new.target`", "Pass what is needed in `constants`."],
  ClassExpression: ["A class", "Use plain functions and objects."],
  ClassDeclaration: ["A class", "Use plain functions and objects."],
  TryStatement: ["`try`", "Programs throw nothing: test the condition with `if`."],
  ThrowStatement: ["`throw`", "Programs throw nothing: return NaN, which the solver reports, or check before solving."],
  WithStatement: ["`with`", "Name the object."],
  DebuggerStatement: ["`debugger`", "Remove it."],
  ImportDeclaration: ["`import`", "Import outside the function."],
};
