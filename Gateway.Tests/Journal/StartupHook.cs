using Gateway.Tests.Journal;

/// <summary>
/// Lets the test assembly be started as a program to be killed. The runtime calls it before Main when DOTNET_STARTUP_HOOKS
/// names the assembly; it must have this name and no namespace.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(KillVictim.JournalVariable) is { } path)
        {
            KillVictim.AppendForEverAsync(path).GetAwaiter().GetResult();
        }
    }
}
