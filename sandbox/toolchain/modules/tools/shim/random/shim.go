// Package shim opens the upstream's internal provider package to the plugin: Go lets a module
// under the same import path import it.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	upstream "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// Provider returns the upstream provider.
func Provider() provider.Provider { return upstream.New() }
