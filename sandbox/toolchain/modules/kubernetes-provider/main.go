// The Kubernetes provider's upstream exports its gRPC server; this is the executable around it.
// The two schema arguments serve code generation only, which a deployment never asks for.
//
// The module proxy has no release after 4.25.0. The version is the one that the npm package asks for, so that Pulumi finds
// the plugin; what has been added to the provider since, the program does not rely on.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

func main() { provider.Serve("kubernetes", "4.34.2", []byte("{}"), []byte("{}")) }
