// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import assert from "node:assert/strict";
import {
  InterpolationError,
  interpolate,
} from "../../../components/swarm-stack/compose/interpolate";

const VALUES: Record<string, string> = { SET: "value", EMPTY: "", OTHER: "other" };
const lookup = (name: string) => VALUES[name];

describe("variables in Compose files", () => {
  const right: [text: string, result: string][] = [
    ["plain", "plain"],
    ["", ""],
    ["$SET", "value"],
    ["a${SET}b", "avalueb"],
    ["$SET-x", "value-x"],
    ["$SET$OTHER", "valueother"],
    ["$$SET", "$SET"],
    ["$${SET}", "${SET}"],
    ["$$$SET", "$value"],
    ["cost: 5$$", "cost: 5$"],
    ["${SET:-y}", "value"],
    ["${EMPTY:-y}", "y"],
    ["${UNSET:-y}", "y"],
    ["${SET-y}", "value"],
    ["${EMPTY-y}", ""],
    ["${UNSET-y}", "y"],
    ["${UNSET-}", ""],
    ["${UNSET:-}", ""],
    ["${SET:+y}", "y"],
    ["${EMPTY:+y}", ""],
    ["${UNSET:+y}", ""],
    ["${SET+y}", "y"],
    ["${EMPTY+y}", "y"],
    ["${UNSET+y}", ""],
    ["${SET:?e}", "value"],
    ["${SET?e}", "value"],
    ["${EMPTY?e}", ""],
    ["${UNSET:-${SET}}", "value"],
    ["${UNSET:-$SET}", "value"],
    ["${UNSET:-${EMPTY:-${OTHER}}}", "other"],
    ["${SET:+${UNSET:-deep}}", "deep"],
    ["${UNSET:-a:-b}", "a:-b"],
    ["${UNSET:-http://host:80/?a=b}", "http://host:80/?a=b"],
    ['${UNSET:-{"a": {"b": 1}}}', '{"a": {"b": 1}}'],
    ["${UNSET:-$$5}", "$5"],
    ["${UNSET:-two words}", "two words"],
    ["é${SET}ü", "évalueü"],
  ];
  for (const [text, result] of right) {
    it(`${text} is '${result}'`, () => assert.equal(interpolate(text, lookup), result));
  }

  const wrong: [text: string, message: RegExp][] = [
    ["${UNSET:?which image}", /^the variable UNSET is not set: which image$/],
    ["${EMPTY:?which image}", /^the variable EMPTY is empty: which image$/],
    ["${UNSET?why}", /^the variable UNSET is not set: why$/],
    ["${UNSET?}", /is not set: it is required$/],
    ["${UNSET?say ${SET}}", /is not set: say value$/],
    ["${SET", /'\$\{SET' has no closing '\}'/],
    ["${UNSET:-{}", /has no closing/],
    ["${}", /is not a variable/],
    ["${1}", /is not a variable/],
    ["${SET/a/b}", /is not a variable.*one of :- - :\? \? :\+ \+/],
    ["${SET=x}", /is not a variable/],
    ["cost 5$", /write '\$\$' for a dollar sign/],
    ["$5", /write '\$\$' for a dollar sign/],
    ["a $ b", /write '\$\$' for a dollar sign/],
    ["${UNSET:-${SET/a}}", /is not a variable/],
  ];
  for (const [text, message] of wrong) {
    it(`${text} is refused`, () =>
      assert.throws(
        () => interpolate(text, lookup),
        (error) => error instanceof InterpolationError && message.test(error.message),
      ));
  }

  it("without a value are empty, and named", () => {
    const missing: string[] = [];
    const text = "$A ${B} ${C:-} ${D-} ${EMPTY} ${SET:-$E} ${UNSET:-$F}";
    assert.equal(
      interpolate(text, lookup, (name) => missing.push(name)),
      "     value ",
    );
    assert.deepEqual(missing, ["A", "B", "F"]);
  });
});
