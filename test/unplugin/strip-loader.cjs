/** Takes the types out of TypeScript, for webpack. */
const { transform } = require("esbuild");

module.exports = function strip(code, map) {
  const done = this.async();
  void transform(code, { loader: "ts" }).then((result) => done(null, result.code, map));
};
