package csaf

import (
	"fmt"
	"regexp"
	"strings"
)

var notInFileName = regexp.MustCompile(`[^+\-a-z0-9]+`)

// FileName is the name of the file that holds the document with a tracking id
// (5.1): lower case, every run of other characters than letters, digits, plus
// and minus as one underscore, and ".json".
func FileName(trackingID string) string {
	return notInFileName.ReplaceAllString(strings.ToLower(trackingID), "_") + ".json"
}

// DistributionPath is where a document lies below the directory of its
// distribution (7.1.11, 7.1.12): a folder for the year of its initial release in
// UTC, and its file name. The error says that the date cannot be read.
func DistributionPath(t Tracking) (string, error) {
	at, err := Time(t.InitialReleaseDate)
	if err != nil {
		return "", fmt.Errorf("initial_release_date: %w", err)
	}
	return fmt.Sprintf("%04d/%s", at.Year(), FileName(t.ID)), nil
}
