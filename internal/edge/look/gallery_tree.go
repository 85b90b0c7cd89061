package look

func galleryTree() Tree {
	return Tree{Caption: "Programs", Nodes: []TreeNode{{Name: "Northern Alliance", Href: "#p0", Marking: "TLP:GREEN", Members: 38, Purpose: "Everybody who responds together.", Nodes: []TreeNode{
		{Name: "Vendor consortium", Href: "#p1", Marking: "TLP:AMBER+STRICT", Members: 7, Own: true, Features: []string{"cases", "joint response"}, Admits: []string{"vendors"}, ShutOut: []string{"government"}, State: []Chip{{Label: "applications open", Tone: Good}}},
		{Name: "Security cooperation", Href: "#p2", Marking: "TLP:AMBER", Members: 12, Features: []string{"cases", "network reports"}, Nodes: []TreeNode{
			{Name: "National and regional CERTs", Href: "#p3", Marking: "TLP:AMBER", Members: 5},
			{Name: "Education", Href: "#p4", Marking: "TLP:GREEN", Members: 0, State: []Chip{{Label: "closed"}}}}},
		{Name: "Financial institutions", Marking: "TLP:AMBER", Members: -1, Purpose: "Fraud, malware and takedowns that banks see first."},
	}}}}
}
