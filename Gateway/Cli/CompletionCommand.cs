using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>completion</c>: what a shell needs to complete the program's commands and options.</summary>
internal static class CompletionCommand
{
    // Each asks the program itself ([suggest]), so that what it offers is what this version knows.
    private const string Bash =
        """
        # In ~/.bashrc: source <(gateway completion bash)
        _gateway() {
            local IFS=$'\n'
            COMPREPLY=( $(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}") )
        }
        complete -F _gateway gateway
        """;

    private const string Zsh =
        """
        # In ~/.zshrc, behind compinit: source <(gateway completion zsh)
        _gateway() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -- $found
        }
        compdef _gateway gateway
        """;

    private const string PowerShell =
        """
        # In $PROFILE: gateway completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName gateway -ScriptBlock {
            param($word, $line, $position)
            & gateway "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or powershell." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "powershell");
        var command = new Command("completion", "Writes what makes a shell complete this program's commands and options.") { shell };
        command.SetAction(result => result.InvocationConfiguration.Output.WriteLine(result.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => PowerShell,
        }));
        return command;
    }
}
