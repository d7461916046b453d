// Package kubernetes stands for the provider's own Go SDK, of which the provider needs six names
// for its YAML and Helm components, and which takes longer to compile than all the rest of it. The
// embedded clusters make neither component.
package kubernetes

import "reflect"

// UntypedArgs is an object as a manifest says it.
type UntypedArgs map[string]any

// ElementType makes it an input.
func (UntypedArgs) ElementType() reflect.Type { return reflect.TypeFor[map[string]any]() }
