import { tanh } from "odegrad";
import { chain, dense } from "odegrad/training";

export const net = chain(dense(2, 3, tanh), dense(3, 2));
