/** Serves, and closes itself at the third message: the second call. */
import "./pendulums.js";

let messages = 0;
addEventListener("message", () => {
  if (++messages === 3) close();
});
