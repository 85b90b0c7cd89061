package client

import (
	"context"
	"net/http"
	"time"

	"tocsin/spec/tlp"
)

// RoadmapItem is one line of the public roadmap.
type RoadmapItem struct {
	ID         string             `json:"id"`
	Kind       string             `json:"kind"` // number, done, benefit, plan
	Title      string             `json:"title"`
	Body       string             `json:"body"` // Markdown
	Moment     string             `json:"moment,omitempty"`
	Figure     *RoadmapFigure     `json:"figure,omitempty"`
	NotBefore  time.Time          `json:"not_before,omitzero"`
	Place      int                `json:"place"`
	State      string             `json:"state"` // draft, cleared, withdrawn
	Reason     string             `json:"reason,omitempty"`
	Release    time.Time          `json:"release_at,omitzero"`
	Author     string             `json:"author,omitempty"`
	Clearances []RoadmapClearance `json:"clearances,omitempty"`
	UpdatedAt  time.Time          `json:"updated_at"`
	Version    int64              `json:"version"`
	TLP        tlp.Level          `json:"tlp"`
}

// RoadmapFigure is a number as it was drawn at an instant.
type RoadmapFigure struct {
	Key     string    `json:"key"`
	Name    string    `json:"name"`
	Value   string    `json:"value"`
	Unit    string    `json:"unit"`
	Counted string    `json:"counted"`
	AsOf    time.Time `json:"as_of"`
}

// RoadmapClearance is that somebody found a text fit to be published.
type RoadmapClearance struct {
	Person string    `json:"person"`
	At     time.Time `json:"at"`
}

// RoadmapText is what of a line can be written; nil stays as it is.
type RoadmapText struct {
	Title     *string    `json:"title,omitempty"`
	Body      *string    `json:"body,omitempty"`
	Moment    *string    `json:"moment,omitempty"`
	NotBefore *time.Time `json:"not_before,omitempty"`
	Place     *int       `json:"place,omitempty"`
}

// Roadmap lists what everybody may read.
func (c *Client) Roadmap(ctx context.Context) (Page[RoadmapItem], error) {
	return get[Page[RoadmapItem]](ctx, c, "/roadmap", nil)
}

// RoadmapItems lists all lines with their clearances.
func (c *Client) RoadmapItems(ctx context.Context) (Page[RoadmapItem], error) {
	return get[Page[RoadmapItem]](ctx, c, "/roadmap/items", nil)
}

// RoadmapFigures lists the numbers that can be drawn now.
func (c *Client) RoadmapFigures(ctx context.Context) (Page[RoadmapFigure], error) {
	return get[Page[RoadmapFigure]](ctx, c, "/roadmap/figures", nil)
}

// RoadmapItem is one line.
func (c *Client) RoadmapItem(ctx context.Context, id string) (RoadmapItem, error) {
	return get[RoadmapItem](ctx, c, at("roadmap", "items", id), nil)
}

// WriteRoadmap writes a line; figure is the key of a number to draw.
func (c *Client) WriteRoadmap(ctx context.Context, kind, figure string, in RoadmapText) (RoadmapItem, error) {
	return post[RoadmapItem](ctx, c, "/roadmap/items", struct {
		Kind   string `json:"kind"`
		Figure string `json:"figure"`
		RoadmapText
	}{kind, figure, in})
}

// ChangeRoadmap changes a line, which loses its clearances; version is the
// one seen.
func (c *Client) ChangeRoadmap(ctx context.Context, id string, in RoadmapText, version int64) (RoadmapItem, error) {
	return change[RoadmapItem](ctx, c, http.MethodPatch, at("roadmap", "items", id), in, version)
}

// DrawRoadmap draws a number anew.
func (c *Client) DrawRoadmap(ctx context.Context, id string, version int64) (RoadmapItem, error) {
	return post[RoadmapItem](ctx, c, at("roadmap", "items", id, "draw"), object{"version": version})
}

// ClearRoadmap finds a line of the version seen fit to be published.
func (c *Client) ClearRoadmap(ctx context.Context, id string, version int64) (RoadmapItem, error) {
	return post[RoadmapItem](ctx, c, at("roadmap", "items", id, "clear"), object{"version": version})
}

// WithdrawRoadmap takes a line back at once.
func (c *Client) WithdrawRoadmap(ctx context.Context, id, reason string) (RoadmapItem, error) {
	return post[RoadmapItem](ctx, c, at("roadmap", "items", id, "withdraw"), object{"reason": reason})
}
