package membership_test

import (
	"testing"

	"tocsin/internal/kernel/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
