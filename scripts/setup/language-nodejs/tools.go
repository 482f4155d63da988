//go:build tools

// Package tools pins the Node.js language host, so that it can be built from verified Go modules.
// Version 3.68.0 is the last that the SDK's module holds.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
