-- Neovim starts `assay lsp` for each project. `vim.g.assay_path` names another executable, `vim.g.assay_lsp = false` keeps it
-- from starting.
if vim.g.assay_lsp == false then
  return
end

local path = vim.fn.expand("%:p:h")
local config = {
  name = "assay",
  cmd = { vim.g.assay_path or "assay", "lsp" },
  root_dir = path,
}

if vim.fs and vim.lsp.start then -- 0.8 and later
  local marker = vim.fs.find({ ".assay", "assay.toml", ".git" }, { upward = true, path = path })[1]
  config.root_dir = marker and vim.fs.dirname(marker) or path
  vim.lsp.start(config)
else
  vim.g.assay_client = vim.g.assay_client or vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(0, vim.g.assay_client)
end
