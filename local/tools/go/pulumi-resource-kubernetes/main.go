// The official Kubernetes plugin of Pulumi, from its published Go packages. Only its own main package cannot be built from
// there: what it embeds is made by its release process.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

// Of the same Go module: the build lays it over this folder.
//
//go:embed schema.json
var schema []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, nil)
}
