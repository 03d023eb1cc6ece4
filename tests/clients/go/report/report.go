// Package report says what came of each capability, a line each: `ok   chat: …`, `FAIL tools: why`, `n/a  tls: why`.
package report

import (
	"fmt"
	"os"
	"strings"
)

// NotThere is the error of a scenario that this client has no call for.
type NotThere string

func (why NotThere) Error() string { return string(why) }

// A Capability plays its scenario, and says in some words what it saw.
type Capability struct {
	Name string
	Play func() string
}

// Run plays each scenario; the program ends with status 1 after a FAIL.
func Run(capabilities []Capability) {
	failed := false
	for _, capability := range capabilities {
		note, err := played(capability)
		switch err := err.(type) {
		case nil:
			fmt.Printf("ok   %s: %s\n", capability.Name, note)
		case NotThere:
			fmt.Printf("n/a  %s: %s\n", capability.Name, err)
		default:
			failed = true
			text := strings.Join(strings.Fields(err.Error()), " ")
			fmt.Printf("FAIL %s: %.300s\n", capability.Name, text)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func played(capability Capability) (note string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			var isError bool
			if err, isError = cause.(error); !isError {
				err = fmt.Errorf("%v", cause)
			}
		}
	}()
	return capability.Play(), nil
}

// Must gives the value of a call that is not to fail.
func Must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Check ends a scenario where something is not as it must be.
func Check(holds bool, what string, values ...any) {
	if !holds {
		panic(fmt.Errorf(what, values...))
	}
}
