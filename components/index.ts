export * from "./aws";
export * from "./data";
export * from "./mesh";
export * from "./platform";
export * from "./services";
export * from "./stack";
