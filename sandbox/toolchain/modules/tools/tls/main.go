// The TLS provider, bridged from the Terraform provider that the official plugin bridges too,
// with the resource tokens and the bridge setting of the official plugin.
package main

import (
	"context"

	"github.com/hashicorp/terraform-provider-tls/shim"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
)

const version = "5.5.1"

func main() {
	info := tfbridge.ProviderInfo{
		P:                              pf.ShimProvider(shim.Provider()),
		Name:                           "tls",
		Version:                        version,
		MetadataInfo:                   tfbridge.NewProviderMetadata([]byte("{}")),
		EnableZeroDefaultSchemaVersion: true,
	}
	info.MustComputeTokens(tokens.SingleModule("tls_", "index", tokens.MakeStandard("tls")))
	schema := []byte(`{"name":"tls","version":"` + version + `"}`)
	pf.Main(context.Background(), "tls", info, pf.ProviderMetadata{PackageSchema: schema})
}
