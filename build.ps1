# Builds, tests and runs the gateway:
#
#   ./build.ps1                                 runs the tests
#   ./build.ps1 run --set coap.port=0           starts the gateway, with these options
#   ./build.ps1 test --filter Configuration     hands what follows the target on to dotnet
#   ./build.ps1 publish -r linux-arm64 --self-contained   a folder that needs nothing installed
#   ./build.ps1 pack                            a package for "dotnet tool install"
#
# It has to run on Windows PowerShell 5.1 too, so it keeps to what that one understands, and to ASCII.
param(
    [ValidateSet('run', 'test', 'format', 'bench', 'publish', 'pack')]
    [string] $Target = 'test'
)

$extra = $args

# From wherever the script is called, the paths below are those of the repository.
Push-Location $PSScriptRoot
try {
    switch ($Target) {
        'run' {
            dotnet run --project Gateway -c Release '--' run @extra
        }
        'test' {
            dotnet test @extra
        }
        'format' {
            dotnet format @extra
        }
        'bench' {
            dotnet run --project Gateway.Bench -c Release '--' @extra
        }
        'publish' {
            dotnet publish Gateway -c Release -o artifacts/publish @extra
        }
        'pack' {
            dotnet pack Gateway -c Release -o artifacts/tool @extra
        }
    }
    exit $LASTEXITCODE
}
finally {
    Pop-Location
}
