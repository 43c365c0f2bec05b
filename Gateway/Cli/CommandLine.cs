using System.CommandLine;

namespace Gateway.Cli;

/// <summary>All commands of the program; without one it runs the gateway.</summary>
internal static class CommandLine
{
    /// <summary>Runs the program; gives its <see cref="ExitCode"/>.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, InvocationConfiguration? invocation = null, CancellationToken cancellation = default)
    {
        var parsed = Create().Parse(arguments);
        invocation ??= new InvocationConfiguration { ProcessTerminationTimeout = PatienceWith(parsed.CommandResult.Command) };
        var code = await parsed.InvokeAsync(invocation, cancellation);
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }

    // How long a command may go on after SIGTERM or Ctrl+C. The gateway has things to finish, and a bound of its own for that.
    private static TimeSpan PatienceWith(Command command) =>
        command is RootCommand or { Name: "run" } ? GatewayHost.ShutdownTimeout + TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(2);

    /// <summary>The program's commands.</summary>
    internal static RootCommand Create()
    {
        var run = RunCommand.Create();
        var root = new RootCommand("A CoAP gateway that is taught by scripts. Without a command it runs the gateway.")
        {
            run,
            CheckCommand.Create(),
            NewCommand.Create(),
            TestCommand.Create(),
            ParseCommand.Create(),
            FormatCommand.Create(),
            SendCommand.Create(),
            SimulateCommand.Create(),
            JournalCommand.Create(),
            ReplayCommand.Create(),
            KeyCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
            DoctorCommand.Create(),
            HealthCommand.Create(),
            DeviceCommands.Create(),
            DtlsKeyCommands.Create(),
            DtlsCertificateCommands.Create(),
            CommandCommands.Create(),
            CommandCommands.CreateRuns(),
            ScriptCommands.Create(),
            DeliveryCommands.CreateSinks(),
            DeliveryCommands.CreateDeadLetters(),
            DeliveryCommands.CreateReplays(),
            EventsCommand.Create(),
            CompletionCommand.Create(),
        };
        foreach (var command in SystemCommands.Create())
        {
            root.Subcommands.Add(command);
        }

        RunCommand.ActAs(root);
        return root;
    }
}

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command did what it was asked, and what it found is not good; or the gateway could not start.</summary>
    public const int Failure = 1;

    /// <summary>The configuration or the command line cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>No gateway answers.</summary>
    public const int Unreachable = 3;

    /// <summary>The gateway wants a key, or another one.</summary>
    public const int Denied = 4;
}
