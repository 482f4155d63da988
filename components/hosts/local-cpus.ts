/**
 * CPUs as the docker plugin reads them back: "1.0" for 1, "10." for 10. With any other spelling of the same number the
 * next `up` would replace the host (nanoInt64ToDecimalString in kreuzwerker/terraform-provider-docker). It rounds a few
 * numbers, such as 10.05, to tenths.
 */
export function asReadBack(cpus: number): string {
  const read = spell(cpus);
  return spell(Number(read));
}

function spell(cpus: number): string {
  const digits = cpus.toFixed(9);
  const zeros = digits.split("0").length - 1;
  return zeros === 9 ? cpus.toFixed(1) : digits.replace(/0+$/, "");
}
