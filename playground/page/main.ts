/** Begins the page with what its link holds, or with the first model. */
import { models } from "../models/index.ts";
import { App } from "./app.ts";
import { byId } from "./element.ts";
import { sharedIn } from "./share.ts";
import { themeButton } from "./theme.ts";

const [first] = Object.values(models);

themeButton(byId<HTMLButtonElement>("theme"));
const app = new App();

function notice(text: string): void {
  const place = byId("notice");
  place.hidden = text === "";
  place.textContent = text;
}

async function begin(): Promise<void> {
  try {
    app.restore((await sharedIn(location.hash)) ?? first);
    notice("");
  } catch (error) {
    notice(`${(error as Error).name}: ${(error as Error).message}`);
    app.restore(first);
  }
}

addEventListener("hashchange", () => void begin());

const share = byId<HTMLButtonElement>("share");
share.addEventListener("click", () => void copy());

async function copy(): Promise<void> {
  history.replaceState(null, "", await app.fragment());
  if (app.leavesDataOut) notice("The data are too long for a link, which holds the model and its values alone.");
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    notice("The browser does not let the page copy. The link is in the address bar.");
    return;
  }
  share.textContent = "Copied";
  setTimeout(() => (share.textContent = "Copy link"), 1500);
}

await begin();
