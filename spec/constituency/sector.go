package constituency

import (
	"errors"
	"slices"
	"strings"
)

// SectorInfo is a sector with its name.
type SectorInfo struct{ ID, Name string }

// Sectors are those of annexes I and II of Directive (EU) 2022/2555, with
// education beside research, since its networks have teams of their own.
var Sectors = []SectorInfo{
	{"energy", "Energy"},
	{"transport", "Transport"},
	{"banking", "Banking"},
	{"financial-markets", "Financial market infrastructures"},
	{"health", "Health"},
	{"drinking-water", "Drinking water"},
	{"waste-water", "Waste water"},
	{"digital-infrastructure", "Digital infrastructure"},
	{"ict-services", "ICT service management"},
	{"public-administration", "Public administration"},
	{"space", "Space"},
	{"postal", "Postal and courier services"},
	{"waste", "Waste management"},
	{"chemicals", "Chemicals"},
	{"food", "Food"},
	{"manufacturing", "Manufacturing"},
	{"digital-providers", "Digital providers"},
	{"research", "Research"},
	{"education", "Education"},
}

func parseSector(s string) (Value, error) {
	for _, x := range Sectors {
		if strings.EqualFold(s, x.ID) || strings.EqualFold(s, x.Name) {
			return Value{Kind: Sector, Text: x.ID}, nil
		}
	}
	return Value{}, errors.New("choose one of the sectors, such as energy or health")
}

// SectorName is the name of a sector by its id.
func SectorName(id string) string {
	if i := slices.IndexFunc(Sectors, func(x SectorInfo) bool { return x.ID == id }); i >= 0 {
		return Sectors[i].Name
	}
	return id
}
