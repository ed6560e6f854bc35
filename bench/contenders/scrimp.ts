import { scrimpContender } from "./scrimp-backend.js";

export const contender = scrimpContender("source");
