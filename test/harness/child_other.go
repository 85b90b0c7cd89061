//go:build !linux

package harness

import "syscall"

// dieWithParent does nothing where the kernel has no such service: children
// end in the cleanup of their test.
func dieWithParent() *syscall.SysProcAttr { return nil }
