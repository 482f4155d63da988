//go:build tools

// Package tools pins the YAML language host, so that it can be built from verified Go modules. Version 1.25.0 is the
// newest whose checksums can be verified.
package tools

import _ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
