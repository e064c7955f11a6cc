/** Nodes of a syntax tree while it is made, and the ones that assignments turn into patterns. */
/** Of ESTree, with the fields of its type; where it stands in what was parsed. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** A function's context, in which some names are operators. */
export interface Context {
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
}

/** What was parsed as an expression, as what values are assigned to. */
export function asPattern(node: Node): Node {
  switch (node.type) {
    case "Identifier":
    case "MemberExpression":
    case "ObjectPattern":
    case "ArrayPattern":
    case "AssignmentPattern":
    case "RestElement":
      return node;
    case "ObjectExpression":
      node.type = "ObjectPattern";
      for (const property of node.properties as Node[]) {
        if (property.type === "Property") property.value = asPattern(property.value as Node);
        else asPattern(property);
      }
      return node;
    case "ArrayExpression":
      node.type = "ArrayPattern";
      for (const element of node.elements as (Node | null)[]) if (element) asPattern(element);
      return node;
    case "SpreadElement":
      node.type = "RestElement";
      asPattern(node.argument as Node);
      return node;
    case "AssignmentExpression":
      node.type = "AssignmentPattern";
      delete node.operator;
      return node;
    default:
      throw new SyntaxError(`${node.type} at ${node.start} cannot be assigned to`);
  }
}

/** Names that are none of variables. */
export const reserved: ReadonlySet<string> = new Set(
  (
    "break case catch class const continue debugger default delete do else export extends finally for function if import in " +
    "instanceof new return super switch this throw try typeof var void while with null true false enum"
  ).split(" "),
);
