using System.Diagnostics;

namespace Gateway.Tests.Support;

/// <summary>A disk in memory that is soon full. Only root may mount one; for anyone else the test is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly bool _mounted;

    public SmallDisk(int megabytes)
    {
        var (code, error) = OperatingSystem.IsLinux() ? Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _folder.Path) : (-1, "this is no Linux");
        _mounted = code == 0;
        if (!_mounted)
        {
            _folder.Dispose();
            Assert.Ignore($"no disk could be mounted, which takes root: {error}");
        }
    }

    public string PathOf(string name) => _folder.PathOf(name);

    /// <summary>Takes all the room that is left, but for so many bytes.</summary>
    public void Fill(int left = 0)
    {
        var free = new DriveInfo(_folder.Path).AvailableFreeSpace;
        using var filler = new FileStream(PathOf("filler"), FileMode.Append);
        var zeros = new byte[4096];
        for (var room = free - left; room >= zeros.Length; room -= zeros.Length)
        {
            filler.Write(zeros);
        }
    }

    public void MakeRoom() => File.Delete(PathOf("filler"));

    public void Dispose()
    {
        if (_mounted)
        {
            Run("umount", "--lazy", _folder.Path);
            _folder.Dispose();
        }
    }

    private static (int Code, string Error) Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}
