/** What programs are to contain, by the productions that make it. */
export const constructs: Readonly<Record<string, RegExp>> = {
  aliases: /^(list|typed|rows|rec|recs|dict|acc): \$\1\.$|: const @\w+(:\w+!)? = d?u;|= \$(recs|rows)\.\[\$ix\];|\? @a : @b/,
  swaps: /\[%a.*\] = \[%|const @t(:list)? = |\[%r.*\] = \[%r|= @a\[@j\]|\[u\[0\], u\[1\]\] =/,
  views: /subarray|buffer/,
  "overlapping writes": /copyWithin|set\(\$(wide|typed)/,
  sentinels: /= -1;|= Infinity;|= NaN;/,
  "what is undefined or null": /undefined|null|\?\?|maybe/,
  "early returns": /\$exit|\) return /,
  "sparse writes": /@n\+\+\] =|2 \* @i\]|new Array\(3\)$|@o\[2\]|\bdu\[\$ix\] = \$num;$/,
  counters: /\$int=?\+\+|@[nk]\+\+/,
  "nested helpers": /function @g|const @g = |\$body/,
  "helpers that write": /@a\[[^\]]*\] =|@o\[[^\]]*\] = @v|@o\.x \+=/,
  switch: /switch/,
  labels: /^statement: @o:/,
  "closures over local state": /@n \+= @v|let @s = |@n = @n \* 0\.5/,
  "classes and methods": /class |this\./,
  destructuring: /(const|let) [[{]|\(\{ x: .* \} = |\(\(\{|\(\(\[/,
  "records in arrays": /recs/,
  "strings as keys": /\[\$text\.?\]|case "a"|get\(\$text|\[@k\]|\["a"\]/,
  "maps and sets": /^(map|set): |\$(map|set)\.|Map\(|Set\(|c\.(lookup|keys)/,
  integers: /^int: .*(<<|>>|~|\^|\||imul|clz32|%)/,
  "assignments within expressions": /^(num|int): .*\$(num|int)=/,
  "loops that are left": /break|continue/,
  "loops without a count": /while|for \(;;/,
  "events that write the state": /^(event|statement): .*\bu(\[[^\]]*\] [-+*]?=|\.(set|fill|reverse|forEach|subarray))/,
  "right-hand sides that write as they go": /^(rhs|statement): .*\bdu(\[[^\]]*\] [-+*]?=|\.(set|fill|subarray))/,
};

const known = new Map<string, readonly string[]>();

function namesOf(production: string): readonly string[] {
  let names = known.get(production);
  if (!names) known.set(production, (names = Object.keys(constructs).filter((name) => constructs[name].test(production))));
  return names;
}

/** Those of a program made by these productions. */
export function constructsIn(productions: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...productions].flatMap(namesOf));
}
