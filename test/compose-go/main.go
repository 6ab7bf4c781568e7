// Loads docker-compose.yml as Docker does (compose-go), which refuses unknown keys and what is named and nowhere defined.
// Prints, as JSON, the services that a profile starts.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: load FILE [PROFILE...]")
		os.Exit(2)
	}
	options, err := cli.NewProjectOptions(os.Args[1:2], cli.WithProfiles(os.Args[2:]))
	if err == nil {
		project, loadErr := options.LoadProject(context.Background())
		if loadErr == nil {
			text, jsonErr := project.MarshalJSON()
			if jsonErr == nil {
				fmt.Println(string(text))
				return
			}
			loadErr = jsonErr
		}
		err = loadErr
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
