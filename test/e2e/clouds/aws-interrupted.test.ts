import { testInterruptions } from "./suites/interruptions";

testInterruptions("aws");
