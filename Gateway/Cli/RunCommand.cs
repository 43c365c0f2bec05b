using System.CommandLine;
using Gateway.Access;
using Gateway.Coap;
using Gateway.Configuration;
using Gateway.Journal;
using Gateway.Storage;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Cli;

/// <summary><c>run</c>: the gateway, until it is stopped.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var command = new Command("run", "Runs the gateway.");
        ActAs(command);
        return command;
    }

    public static void ActAs(Command command)
    {
        var options = new ConfigurationOptions();
        options.AddTo(command);
        command.SetAction((result, cancellation) => RunAsync(options.Load(result), result.InvocationConfiguration.Error, cancellation));
    }

    private static async Task<int> RunAsync(LoadedConfiguration configuration, TextWriter error, CancellationToken cancellation)
    {
        if (!configuration.IsUsable(error))
        {
            return ExitCode.Usage;
        }

        try
        {
            await using var gateway = GatewayHost.Create(configuration);
            gateway.Logger.Starts(typeof(RunCommand).Assembly.GetName().Version!.ToString(3), configuration.File ?? "the built-in configuration, for there is no gateway.json here");
            await StartAsync(gateway, cancellation);
            await gateway.WaitForShutdownAsync(cancellation);
            return ExitCode.Success;
        }
        catch (Exception e) when (e is AccessException or StorageException or JournalFileException or CoapBindException or IOException)
        {
            // These are for the admin to mend, and say how; a stack trace would hide that.
            var hint = e.InnerException is AddressInUseException ? " Stop the program that has it, or give api.port another number." : "";
            await error.WriteLineAsync($"the gateway cannot start: {e.Message}{hint}");
            return ExitCode.Failure;
        }
    }

    // A start that fails stops what has started already; unless the host knows that, it takes their end for a failure too.
    private static async Task StartAsync(WebApplication gateway, CancellationToken cancellation)
    {
        try
        {
            await gateway.StartAsync(cancellation);
        }
        catch
        {
            gateway.Lifetime.StopApplication();
            throw;
        }
    }
}
