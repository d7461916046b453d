/**
 * A stand-in for the resource plugin of `@pulumi/mysql`, for machines on which the official one is not available. It has
 * the official plugin's behaviour on MySQL 8.4 and 9, its faults included, so that a program that works with it works
 * with the official one. test/contract lists these behaviours, and verifies them against a server.
 *
 * Left out: `UserPassword`, servers before MySQL 8, and the schema.
 */
import { endWithEngine } from "../engine";
import { createServer, listen } from "./server";

endWithEngine();
void listen(createServer()).then((port) => console.log(port)); // the engine reads the port from the first line
