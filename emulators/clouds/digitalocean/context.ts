import type { Faults, Machines } from "../contract";
import type { Account } from "./account";
import type { Catalogue } from "./catalogue";
import type { Lifecycle } from "./lifecycle";
import type { PacketFilter } from "./packet-filter";

/** Shared by the parts of the API. */
export interface Context {
  account: Account;
  catalogue: Catalogue;
  faults: Faults;
  machines: Machines;
  lifecycle: Lifecycle;
  packetFilter: PacketFilter;
}
