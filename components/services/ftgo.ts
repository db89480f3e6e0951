import type * as pulumi from "@pulumi/pulumi";
import { defineService } from "../config";
import { Microservice, type MicroserviceArgs } from "./microservice";

/** A `Microservice`'s arguments; `service` defaults to what the seed says. */
export type FtgoServiceArgs = Omit<MicroserviceArgs, "service"> & Partial<Pick<MicroserviceArgs, "service">>;

/** `ftgo-restaurant-service`: two pods of one image on 8080, reached inside the cluster only. */
export class RestaurantService extends Microservice {
  constructor(name: string, args: FtgoServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, { service: defineService("restaurant"), ...args }, opts, "ftgo:services:RestaurantService");
  }
}

/** `ftgo-consumer-service`: named versions side by side, and the route between them. */
export class ConsumerService extends Microservice {
  constructor(name: string, args: FtgoServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, { service: defineService("consumer"), ...args }, opts, "ftgo:services:ConsumerService");
  }
}

/** `ftgo-api-gateway`: the way in. Two pods, behind an ELB of the cloud's or behind a port of every node. */
export class ApiGateway extends Microservice {
  constructor(name: string, args: FtgoServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, { service: defineService("gateway"), ...args }, opts, "ftgo:services:ApiGateway");
  }
}
