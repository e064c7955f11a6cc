/** The models to begin with. */
import type { Shared } from "../shared/shared.ts";
import bouncingBall from "./bouncing-ball.js?raw";
import diffusion from "./diffusion.js?raw";
import epidemic from "./epidemic.js?raw";
import haresAndLynxes from "./hares-and-lynxes.js?raw";
import pelts from "./hares-and-lynxes.csv?raw";
import lorenz from "./lorenz.js?raw";
import lotkaVolterra from "./lotka-volterra.js?raw";
import robertson from "./robertson.js?raw";
import vanDerPol from "./van-der-pol.js?raw";

/** By what the page calls them. */
export const models: Readonly<Record<string, Shared>> = {
  "Lotka-Volterra": { text: lotkaVolterra },
  "Hares and lynxes, with data": { text: haresAndLynxes, csv: pelts, fitInitial: true },
  Epidemic: { text: epidemic },
  "Van der Pol": { text: vanDerPol },
  Lorenz: { text: lorenz },
  "Robertson, very stiff": { text: robertson, logTime: true },
  "Bouncing ball": { text: bouncingBall },
  "Diffusion on a plate": { text: diffusion },
};
