// The Kubernetes provider's upstream exports its gRPC server; this is the executable around it.
// The two schema arguments serve code generation only, which a deployment never asks for.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

func main() { provider.Serve("kubernetes", "4.25.0", []byte("{}"), []byte("{}")) }
