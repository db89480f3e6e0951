export * from "./aws";
export * from "./data";
export { onceThere } from "./kubernetes";
export * from "./mesh";
export * from "./platform";
export * from "./services";
export * from "./stack";
export * from "./telemetry";
