# Completion of crm for PowerShell 5.1 and newer.
#
# The words go to crm in a variable, since older versions spoil quotes in arguments. What comes back is put between single
# quotes unless it is plain. Nothing that comes from the database is ever evaluated.

Register-ArgumentCompleter -Native -CommandName crm -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @(
        foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
            if ($element.Extent.EndOffset -ge $cursorPosition) { break }
            if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value }
            else { $element.Extent.Text }
        }
    )
    $current = [string]$wordToComplete
    if ($current -match '^[''"\u2018-\u201E]') { $current = $current.Substring(1) -replace '[''"\u2018-\u201E]$', '' }

    $program = [string]$commandAst.GetCommandName()
    if (-not (Get-Command -Name $program -CommandType Application -ErrorAction Ignore)) { $program = 'crm' }
    $encoding = [Console]::OutputEncoding
    $env:CRM_COMPLETE = (@($words) + $current) -join "`n"
    try {
        [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
        $lines = @(& $program __complete powershell 2>$null)
    }
    finally {
        [Console]::OutputEncoding = $encoding
        Remove-Item Env:CRM_COMPLETE
    }

    if ($lines.Count -lt 2) { return }
    foreach ($line in $lines[1..($lines.Count - 1)]) {
        $value, $text = $line -split "`t", 2
        if (-not $text) { $text = $value }
        $typed = $value
        if ($value -notmatch '^[\p{L}\p{Nd}_+./:=-]+$') {
            $typed = "'" + ($value -replace "['\u2018-\u201B]", '$0$0') + "'"
        }
        [System.Management.Automation.CompletionResult]::new($typed, $value, 'ParameterValue', $text)
    }
}
