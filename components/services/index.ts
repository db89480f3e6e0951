export { ApiGateway, ConsumerService, type FtgoServiceArgs, RestaurantService } from "./ftgo";
export { Microservice, type MicroserviceArgs } from "./microservice";
export type { EnvVar } from "./pod";
export { wayIn } from "./way-in";
