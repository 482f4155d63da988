import { testInterruptions } from "./suites/interruptions";

testInterruptions("digitalocean");
