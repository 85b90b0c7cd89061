package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// fuzz runs every fuzz target of both modules, one after the other.
func (s *suite) fuzz(ctx context.Context, each time.Duration) (int, error) {
	ran, failed := 0, 0
	for _, dir := range s.modules {
		targets, err := s.targets(ctx, dir)
		if err != nil {
			return 1, err
		}
		for _, t := range targets {
			if ctx.Err() != nil {
				return 1, ctx.Err()
			}
			fmt.Printf("%s %s\n", t.pkg, t.name)
			ran++
			err := s.goIn(ctx, dir, "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+each.String(), "-parallel=2", t.pkg)
			if err != nil {
				failed++
			}
		}
	}
	fmt.Printf("%d fuzz targets, %d failed\n", ran, failed)
	if failed > 0 {
		return 1, nil
	}
	return 0, nil
}

type target struct{ pkg, name string }

// targets asks each package for its fuzz targets. go test -list prints the
// names of a package and then its result line.
func (s *suite) targets(ctx context.Context, dir string) ([]target, error) {
	cmd := s.command(ctx, dir, "test", "-list=^Fuzz", "./...")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		os.Stdout.Write(out.Bytes())
		return nil, fmt.Errorf("list the fuzz targets: %w", err)
	}
	return parseList(out.String()), nil
}

func parseList(out string) []target {
	var found []target
	var names []string
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		switch {
		case len(f) == 1 && strings.HasPrefix(f[0], "Fuzz"):
			names = append(names, f[0])
		case len(f) > 1 && (f[0] == "ok" || f[0] == "?"):
			for _, name := range names {
				found = append(found, target{f[1], name})
			}
			names = nil
		}
	}
	return found
}
