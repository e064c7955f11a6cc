/** A worker thread of batches. */
import { parentPort } from "../../workers/platform.ts";
import { RANGE, rangesOf } from "../device.ts";
import { laneCalls } from "../lane-calls.ts";
import { HOST_CALL, laneLoader, serveLanes } from "./serve-lanes.ts";

serveLanes(parentPort()!, laneCalls(rangesOf, RANGE), laneLoader(HOST_CALL));
