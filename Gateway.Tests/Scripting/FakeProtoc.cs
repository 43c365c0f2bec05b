using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>Programs in protoc's place that do not do its work.</summary>
internal static class FakeProtoc
{
    // Long enough for a shell to begin on a busy machine.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>A file with this content, which nobody may run.</summary>
    public static Protoc In(TempFolder folder, string content)
    {
        var protoc = new Protoc(folder.PathOf("tools"), Limit);
        folder.Write(Path.GetRelativePath(folder.Path, protoc.Program), content);
        return protoc;
    }

    /// <summary>A shell script. Not for Windows.</summary>
    public static Protoc Running(TempFolder folder, string commands)
    {
        var protoc = In(folder, $"#!/bin/sh\n{commands}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(protoc.Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return protoc;
    }
}
