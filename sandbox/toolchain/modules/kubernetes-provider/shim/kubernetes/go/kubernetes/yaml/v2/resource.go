// Package v2 stands for what makes the resources of manifests.
package v2

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// RegisterResource refuses: this provider makes resources that a program names one by one.
func RegisterResource(_ *pulumi.Context, apiVersion, kind, name string, _ pulumi.Input, _ ...pulumi.ResourceOption) (pulumi.CustomResource, error) {
	return nil, fmt.Errorf("%s/%s %s: the Kubernetes provider of the embedded clusters has no YAML and Helm components; install Pulumi's own", apiVersion, kind, name)
}
