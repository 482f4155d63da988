import { InputPropertiesError } from "@pulumi/pulumi";

/** The path of an argument, whether it is valid, and what is allowed. */
type Check = [propertyPath: string, right: boolean, reason: string];

/**
 * Refuses invalid arguments, all at once.
 *
 * @throws InputPropertiesError which Pulumi shows by argument
 */
export function checkArgs(component: string, checks: Check[]): void {
  const errors = checks
    .filter(([, right]) => !right)
    .map(([propertyPath, , reason]) => ({ propertyPath, reason }));
  if (errors.length > 0) {
    throw new InputPropertiesError({ message: `${component} has wrong arguments`, errors });
  }
}
