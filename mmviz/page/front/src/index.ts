// What the bundle gives: the page itself, and its arithmetic, which tests compare with Python number by number.
export { EVERYWHERE, NOWHERE, holds } from "./arithmetic/sweep";
export { played } from "./playing/player";
export { undense } from "./reading/dense";
export { FRESH, fragmentOf, sessionOf } from "./shell/link";
export { start } from "./shell/start";
export { Timeline } from "./arithmetic/timeline";
export { erf } from "./arithmetic/erf";
export { COMPUTED, logits, wear } from "./arithmetic/functions";
export { Pyramid } from "./arithmetic/pyramid";
export { turned } from "./picture/ground";
export { Renderer } from "./draw/renderer";
export { clipping } from "./arithmetic/matrix4";
export { CameraWork } from "./picture/camera_work";
export { Composition } from "./picture/composition";
export { chosenFrom, cornersSeen, sidesSeen } from "./picture/compass";
export { between, cameraOf, viewOf, wound } from "./picture/flight";
export { approach, orbit, pan } from "./picture/orbit";
